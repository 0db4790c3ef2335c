"""Topic and organization files of a site, and the rows that they become."""

from articles.frontmatter import Kind
from articles.models import Topic
from articles.sync.found import FoundFile
from articles.sync.importer import import_files


def topic_file(name, slug, title, *lines, site="site"):
    """A topic's file: `name` without .yaml, `_id`, name, and more lines such as `parent: Sea`."""
    text = "\n".join([f"taxonomy: topic\n_id: {slug}\nname: {title}", *lines, ""])
    return FoundFile(f"{site}/_data/topics/{name}.yaml", Kind.TOPIC, site, name, text.encode())


def topic_files(*topics, site="site"):
    """Files numbered in their order. A topic is its `_id`, its name and, if it is below another, that one's name."""
    return [
        topic_file(f"{place:02}-{slug}", slug, title, *(f"parent: {above}" for above in more), site=site)
        for place, (slug, title, *more) in enumerate(topics, 1)
    ]


def organization_file(domain, name="The Gazette", *lines, site="site"):
    text = "\n".join(["---\ntaxonomy: organization", f"name: {name}", f"domain: {domain}", *lines, "---\n"])
    return FoundFile(f"{site}/_data/organizations/{domain}.md", Kind.ORGANIZATION, site, domain, text.encode())


def import_site(*files):
    """Import files as a folder's: they are all that the site has."""
    return import_files(files, is_whole=True)


def rows(*columns):
    """All topics by slug: their names and the names of those above, and more columns."""
    found = Topic.objects.order_by("slug").values_list("slug", "name", "parent__name", *columns)
    return {slug: values for slug, *values in found}
