"""The law as dated data: values with a start date, a unit and a citation. Knows no clock, no database, no person."""
