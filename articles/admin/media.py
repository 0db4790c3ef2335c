"""Our copies of pictures, for the forms of the admin. Readers get them below /pictures/."""

from csp.constants import NONE
from csp.decorators import csp
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from ..pictures import copies, renditions


@csp({"default-src": [NONE], "sandbox": True})
def serve(request, name):
    """Serve a copy to who may see images of its kind. No other file is served, such as one of an earlier version."""
    path = f"{copies.FOLDER}/{name}"
    seen = [model for model in copies.MODELS.values() if _may_see(request.user, model._meta.model_name)]
    if not seen:
        raise PermissionDenied
    if not any(model.objects.filter(file=path).exclude(true_width=None).exists() for model in seen):
        raise Http404
    try:
        file = default_storage.open(path)
    except OSError as error:
        raise Http404 from error
    kind = renditions.TYPES.get(name.rpartition(".")[2])
    return FileResponse(file, as_attachment=not kind, filename=name, content_type=kind or "application/octet-stream")


def _may_see(user, name):
    return user.has_perm(f"articles.view_{name}") or user.has_perm(f"articles.change_{name}")
