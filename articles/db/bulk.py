"""Insert and update many rows at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

BATCH = 500  # values in one query
T = TypeVar("T")


def insert(model: type[models.Model], names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of values for the fields `names`; all other fields get their defaults.

    Does what `bulk_create` does, about five times as fast, because it makes no objects. Values must be as the database
    stores them, except for times and JSON. Raises IntegrityError if a row exists already.
    """
    given: list[Any] = [model._meta.get_field(name) for name in names]
    others = [
        field
        for field in model._meta.concrete_fields
        if field not in given and not field.generated and not isinstance(field, models.AutoField)
    ]
    constants = tuple(_stored(field)(_default(field)) for field in others)
    changed = [(place, _stored(field)) for place, field in enumerate(given) if _stored(field) is not _as_it_is]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in (*given, *others))
    marks = ", ".join(["%s"] * (len(given) + len(others)))
    table = connection.ops.quote_name(model._meta.db_table)
    found = []
    for row in rows:
        values = list(row)
        for place, store in changed:
            values[place] = store(values[place])
        found.append((*values, *constants))
    if found:
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", found)  # noqa: S608 (names only)


def update(model: type[models.Model], name: str, values: Iterable[tuple[Any, Any]]) -> None:
    """Set the field `name` of many rows. `values` are pairs of the new value and the row's primary key."""
    quote = connection.ops.quote_name
    field: Any = model._meta.get_field(name)
    table, column, key = quote(model._meta.db_table), quote(field.column), quote(str(model._meta.pk.column))
    store = _stored(field)
    pairs = [(store(value), pk) for value, pk in values]
    if pairs:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", pairs)  # noqa: S608 (names only)


def _stored(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """Return the function that turns a field's value into what the database stores."""
    # This is what `get_db_prep_save` ends in for times and JSON, without its dozen calls a value.
    operations = connection.ops
    if isinstance(field, models.JSONField):
        empty = {kind: operations.adapt_json_value(kind(), field.encoder) for kind in (dict, list)}  # most are empty

        def store_json(value: Any) -> Any:
            return operations.adapt_json_value(value, field.encoder) if value else empty.get(type(value))

        return store_json
    if isinstance(field, models.DateTimeField):
        return operations.adapt_datetimefield_value
    if isinstance(field, models.BinaryField):
        return lambda value: field.get_db_prep_save(value, connection)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _default(field: "models.Field[Any, Any]") -> Any:
    return timezone.now() if isinstance(field, models.DateTimeField) and not field.null else field.get_default()


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of at most BATCH."""
    values = list(values)
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]
