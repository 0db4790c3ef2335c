DATE_FORMAT = "j. F Y"
SHORT_DATE_FORMAT = "j. N Y"
SHORT_DATETIME_FORMAT = "j. N Y, H:i"
DATETIME_FORMAT = "Y-m-d H:i"  # at the desk
