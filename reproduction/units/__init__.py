"""Units of work that rows of several papers share: trainings, rankings, translators, and judges of faces."""
