"""Conflicts between an editor's and a file's changes: kept, updated, and closed where both come to agree."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from ..db.bulk import BATCH, batches
from ..models import Conflict, ImportRun
from .merge import Clash
from .values import Values, from_json, to_json

Open = dict[int, dict[str, Conflict]]  # by the id of what they are about, and by field


def open_on(subject: str, ids: Collection[int]) -> Open:
    """Return the open conflicts of some articles, topics or providers; `subject` names which."""
    found: Open = {pk: {} for pk in ids}
    for some in batches(ids):
        for conflict in Conflict.objects.open().filter(**{f"{subject}__in": some}):
            found[getattr(conflict, f"{subject}_id")][conflict.field] = conflict
    return found


def undecided_base(base: Values, known: Mapping[str, Conflict]) -> Values:
    """Return the values to merge from: those of the last import, or those before both changes where a conflict is open.

    `known` are the open conflicts by field.
    """
    return base | {name: from_json(name, conflict.base) for name, conflict in known.items() if name in base}


def keep(
    subject: str, clashes: dict[int, list[Clash]], known: Open, fields: Collection[str], run: ImportRun | None
) -> int:
    """Store what clashed in an import, by id, and close open conflicts about `fields` that no longer clash.

    Returns the number of new conflicts. An open one keeps its base, the value before both changes.
    """
    if not any(clashes.values()) and not any(known.values()):
        return 0
    new, changed = [], []
    for pk, found in clashes.items():
        for clash in found:
            conflict = known[pk].get(clash.field)
            three = {name: to_json(getattr(clash, name)) for name in ("base", "ours", "theirs")}
            if conflict is None:
                new.append(Conflict(**{f"{subject}_id": pk}, field=clash.field, run=run, **three))
            elif (conflict.ours, conflict.theirs) != (three["ours"], three["theirs"]):
                conflict.ours, conflict.theirs, conflict.run = three["ours"], three["theirs"], run
                changed.append(conflict)
        still = {clash.field for clash in found}
        for field, conflict in known[pk].items():
            if field in fields and field not in still:
                close(conflict, Conflict.Choice.AGREED)
                changed.append(conflict)
    Conflict.objects.bulk_create(new, batch_size=BATCH)
    Conflict.objects.bulk_update(changed, ["ours", "theirs", "run", "resolved_at", "taken"], batch_size=BATCH)
    return len(new)


def update_after_edit(article_id: int, now: Values, user: Any) -> None:
    """Update an article's open conflicts after an edit. `now` are its values of some fields.

    An editor who wrote what the file says has resolved the conflict.
    """
    update_after_edits({article_id: now}, user)


def update_after_edits(now: Mapping[int, Values], user: Any) -> None:
    """The same for several articles: their values of some fields, by article id."""
    for article_id, known in open_on("article", now.keys()).items():
        for field in known.keys() & now[article_id].keys():
            conflict, ours = known[field], to_json(now[article_id][field])
            if ours == conflict.theirs:
                close(conflict, Conflict.Choice.THEIRS, user)
            if ours != conflict.ours or conflict.resolved_at:
                conflict.ours = ours
                conflict.save()


def close(conflict: Conflict, choice: str, user: Any = None) -> None:
    """Mark a conflict as resolved. The caller saves it."""
    conflict.resolved_at = timezone.now()
    conflict.resolved_by = user
    conflict.taken = choice
