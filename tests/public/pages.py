"""The addresses of readers' pages, and what is on them."""


def titles(response):
    return [article.title for article in response.context["page"].items]


def text(response):
    return response.content.decode()


def all_pages(article):
    moment = article.published_at
    return [
        "/",
        "/?order=heat",
        article.get_absolute_url(),
        "/topics/",
        "/topics/tides/",
        "/providers/",
        article.provider.get_absolute_url(),
        f"{article.provider.get_absolute_url()}scorecard/?period=all",
        "/archive/",
        f"/archive/{moment.year}/{moment.month}/",
        f"/archive/{moment.year}/{moment.month}/{moment.day}/",
        "/search/?q=Ferries",
        "/search/",
        "/api/news/index.json",
    ]
