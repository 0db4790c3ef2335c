"""What a mail server's refusal means."""

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

GOES_AWAY = 421  # a mail server's code (RFC 5321)


def of_one_mail(error):
    """Whether a mail server refused one mail, and may take the next. With 421 it goes away, whatever it was asked."""
    return isinstance(error, (SMTPRecipientsRefused, SMTPDataError)) and _said(error)[0] != GOES_AWAY


def _said(error):
    """A mail server's code and words."""
    if isinstance(error, SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, SMTPException) and hasattr(error, "smtp_code"):
        return error.smtp_code, error.smtp_error
    return "", str(error) or type(error).__name__


def reason(error):
    """What a mail server said, or the system about it, without the address that it was about."""
    code, words = _said(error)
    words = words.decode(errors="replace") if isinstance(words, bytes) else words
    without = " ".join(word for word in words.split() if "@" not in word)
    return f"{code} {without}".strip()[:500]
