"""Terminals in software: the truth inside the box (State), the wire (Service), and what people do (Scenario)."""
