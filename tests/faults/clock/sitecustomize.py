"""A clock that is wrong by CLOCK_OFFSET days, in a process that finds this file on its PYTHONPATH."""

import datetime
import os
import time

offset = datetime.timedelta(days=float(os.environ["CLOCK_OFFSET"]))
true_time, TrueDatetime, TrueDate = time.time, datetime.datetime, datetime.date


class Kind(type):
    """Times and dates that Python itself makes are of these classes too."""

    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])


class Datetime(TrueDatetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return TrueDatetime.now(tz) + offset

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)


class Date(TrueDate, metaclass=Kind):
    @classmethod
    def today(cls):
        return TrueDate.today() + offset


time.time = lambda: true_time() + offset.total_seconds()
datetime.datetime, datetime.date = Datetime, Date
