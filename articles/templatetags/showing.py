"""A tag for rows that may hold what cannot be shown."""

from django import template

from articles.db.showing import UNSHOWABLE, left_out

register = template.Library()


class ShowingNode(template.Node):
    """What is between `{% showing row %}` and `{% endshowing %}`; nothing if the row cannot be shown."""

    def __init__(self, row, nodelist):
        self.row = row
        self.nodelist = nodelist

    def render(self, context):
        try:
            return self.nodelist.render(context)
        except UNSHOWABLE as error:
            left_out(self.row.resolve(context), error)
            return ""


@register.tag
def showing(parser, token):
    """Show a row: `{% showing article %}…{% endshowing %}`. One that cannot be shown is left out and logged."""
    _name, row = token.split_contents()
    nodelist = parser.parse(("endshowing",))
    parser.delete_first_token()
    return ShowingNode(parser.compile_filter(row), nodelist)
