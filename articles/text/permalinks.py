"""The full addresses of pages, for feeds, mail and machines."""

from django.conf import settings


def absolute(address):
    """An address of this site in full; one that is full, as a picture's elsewhere may be, as it is."""
    return address if address.startswith(("http://", "https://")) else settings.NEWSROOM_BASE_URL + address


def page_of(article):
    """The address of an article's page; of a lead, its story's. Fetch with its story and source."""
    if not article.leads_story:
        return article.get_absolute_url()
    article.story.lead = article  # which its address is made of
    return article.story.get_absolute_url()
