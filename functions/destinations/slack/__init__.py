"""Slack hears of alarms and reconciliations."""
