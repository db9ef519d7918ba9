"""The web portal for HR, operators, leaders and employees, and the API. No logic: it asks use cases and shows rows."""
