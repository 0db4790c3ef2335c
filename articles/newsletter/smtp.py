"""The connection to the mail server, and what its refusals mean."""

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.core import mail

SERVICE_UNAVAILABLE = 421  # reply code of a server that closes the connection, whatever it was asked (RFC 5321)
MAX_REASON = 500  # characters


def new_connection():
    """Return a connection to the mail server that is not open yet."""
    mailers = getattr(mail, "mailers", None)  # from Django 6.1 on, which deprecates get_connection
    return mail.get_connection() if mailers is None else mailers.default


def is_recipient_error(error):
    """Return whether the server refused this one mail only and may accept the next."""
    return isinstance(error, (SMTPRecipientsRefused, SMTPDataError)) and _reply(error)[0] != SERVICE_UNAVAILABLE


def reason(error):
    """Return what the server or the system said about an error, without mail addresses."""
    code, words = _reply(error)
    words = words.decode(errors="replace") if isinstance(words, bytes) else words
    without = " ".join(word for word in words.split() if "@" not in word)
    return f"{code} {without}".strip()[:MAX_REASON]


def _reply(error):
    """Return the server's code and words; "" as the code of an error that is not a reply."""
    if isinstance(error, SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, SMTPException) and hasattr(error, "smtp_code"):
        return error.smtp_code, error.smtp_error
    return "", str(error) or type(error).__name__
