"""PURE: patterns in punches and terminals that deserve a person's look; an indication, never an accusation."""
