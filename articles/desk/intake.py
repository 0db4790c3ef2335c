"""Import at the desk: send files, see what importing them would do, import them.

With scripts, files are sent in parts, each a request of its own, and what is there already is not sent again. Without
scripts, a form takes as much as one request may have.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from newsroom.limits import EDITORS

from ..models import ImportRun, Source, Upload
from ..sync import uploads
from ..sync.uploads import UploadError
from ..text import rules
from ..text.numbers import LARGEST_ID, read_number

RIGHT = "articles.add_importrun"
MAX_SHOWN = 10  # uploads, imports and articles
PART = 4 * 2**20  # bytes of a file in a request of a script
PLAIN = EDITORS - 1_000_000  # bytes of all files in a form
SCRIPT = "X-Desk"
State = Upload.State
IDLE = (State.OPEN, State.CHECKED, State.FAILED)


def _expect_right(request: HttpRequest) -> None:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied


def _back_to(upload: Upload) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk_upload", args=[upload.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Show what was sent and not imported yet, and a form for more. A POST begins an upload."""
    _expect_right(request)
    user: Any = request.user
    given = {"site": "", "new_site": ""}
    if request.method == "POST":
        given = {name: request.POST.get(name, "").replace("\0", "").strip() for name in given}
        source = given["new_site"] or given["site"]
        try:
            upload = Upload.objects.create(user=user, source=rules.source(source) if source else "")
        except ValueError as error:
            why = _("Site: %(why)s.") % {"why": error}
            if request.headers.get(SCRIPT):
                return JsonResponse({"error": why}, status=400)
            messages.error(request, why)
        else:
            return _begun(request, upload)
    context = {
        "title": _("Import"),
        "page": "import",
        "given": given,
        "sites": Source.objects.order_by("name"),
        "uploads": Upload.objects.exclude(state=State.DONE).select_related("user")[:MAX_SHOWN],
        "runs": ImportRun.objects.order_by("-pk")[:MAX_SHOWN],
        **_limits(),
    }
    return render(request, "desk/import.html", context, status=400 if request.method == "POST" else 200)


def _limits() -> dict[str, int]:
    megabytes = {"most": uploads.MAX_BYTES, "plain": PLAIN}
    return {name: size // 2**20 for name, size in megabytes.items()} | {"part": PART, "max_files": 100}


def _begun(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Take the files of a form, and check them. A script sends them afterwards."""
    if request.headers.get(SCRIPT):
        addresses = {name: reverse(f"desk_{name}", args=[upload.pk]) for name in ("upload", "upload_part")}
        return JsonResponse({"page": addresses["upload"], "part": addresses["upload_part"]})
    _take_files(request, upload)
    if upload.files:
        uploads.start(upload, State.CHECKING)
        return _back_to(upload)
    upload.delete()
    messages.error(request, _("Choose at least one file."))
    return HttpResponseRedirect(reverse("desk_import"))


def _take_files(request: HttpRequest, upload: Upload) -> None:
    """Keep the files of a form. Say which are not taken, and why."""
    for file in request.FILES.getlist("files"):
        name, size = file.name or "", file.size or 0
        try:
            uploads.remove(upload, name)
            uploads.add(upload, name, size, 0, file.chunks())
        except UploadError as error:
            messages.error(request, str(error))
        except OSError as error:
            messages.error(request, _system_problem(name, error))


def _system_problem(name: str, error: OSError) -> str:
    return _("%(name)s: it could not be kept: %(why)s.") % {"name": name, "why": error.strerror or error}


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an upload: what it has, would do or did. A POST checks it, imports it or throws it away."""
    _expect_right(request)
    found = get_object_or_404(Upload.objects.select_related("user", "run"), pk=pk)
    if request.method == "POST":
        return _do(request, found)
    is_interrupted = uploads.is_interrupted(found)
    context = {
        "title": _("Import"),
        "page": "import",
        "upload": found,
        "states": State,
        "is_interrupted": is_interrupted,
        "is_idle": found.state in IDLE or is_interrupted,
        "is_running": found.is_busy and not is_interrupted,
        "has_parts": any(not file["is_whole"] for file in found.files),
        "read": uploads.progress(found) if found.is_busy else 0,
        **_limits(),
    }
    if request.headers.get("HX-Request"):
        response = render(request, "desk/_import_progress.html", context)
        if not context["is_running"]:
            response["HX-Refresh"] = "true"
        return response
    if found.state in (State.CHECKED, State.DONE):
        context["changed"] = uploads.changed_articles(found.report)
        context["brought"] = uploads.brought(found.run, MAX_SHOWN)
    return render(request, "desk/import_upload.html", context)


def _do(request: HttpRequest, upload: Upload) -> HttpResponse:
    do = request.POST.get("do", "")
    is_idle = upload.state in IDLE or uploads.is_interrupted(upload)
    if not is_idle:
        messages.error(request, _("It was imported already, or is being read: then wait until that has ended."))
    elif do == "throw_away":
        return _thrown_away(request, upload)
    elif do == "apply" and (upload.run_id or upload.state in (State.CHECKED, State.IMPORTING)):
        _start(request, upload, State.IMPORTING)
    elif do == "add":
        _take_files(request, upload)
    elif do == "check":
        _start(request, upload, State.CHECKING)
    else:
        messages.error(request, _("Nothing was imported: check the files first."))
    return _back_to(upload)


def _start(request: HttpRequest, upload: Upload, state: str) -> None:
    if not any(file["is_whole"] for file in upload.files):
        messages.error(request, _("No file is there yet."))
    elif not uploads.start(upload, state):
        messages.error(request, _("Somebody else has started it."))


def _thrown_away(request: HttpRequest, upload: Upload) -> HttpResponse:
    name = str(upload)
    uploads.drop(upload)
    upload.delete()
    messages.success(request, _("Threw away %(name)s. Nothing of it was imported by that.") % {"name": name})
    return HttpResponseRedirect(reverse("desk_import"))


@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a part of a file, or say how much of it is there: a script's requests."""
    _expect_right(request)
    upload = get_object_or_404(Upload, pk=pk)
    given = request.POST if request.method == "POST" else request.GET
    name, file = given.get("name", "").replace("\0", ""), request.FILES.get("part")
    size, begins = (read_number(given.get(key), 0, LARGEST_ID) for key in ("size", "start"))
    try:
        if upload.state not in IDLE:
            raise UploadError(_("It was imported already, or is being read: then wait until that has ended."))
        if request.method != "POST":
            return JsonResponse({"received": uploads.received(upload, uploads.file_name(name), size or 0)})
        if file is None or size is None or begins is None:
            raise UploadError(_("expected a part of a file, with its name, size and start."))
        return JsonResponse({"received": uploads.add(upload, name, size, begins, file.chunks())})
    except UploadError as error:
        status, why = 400, str(error)
    except OSError as error:
        status, why = 507, _system_problem(name, error)
    messages.error(request, why)  # on the page that the script opens then
    return JsonResponse({"error": why}, status=status)
