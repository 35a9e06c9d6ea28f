"""What may stand about a person after a form, as `Center.standing` words it: opens, then clicks."""

ASKED = "UNKNOWN/ASKED_NO_ANSWER/FORM UNKNOWN/ASKED_NO_ANSWER/FORM"
DENIED = "NO/DENIED/FORM NO/DENIED/FORM"
PERMITTED = "YES//FORM YES//FORM"
