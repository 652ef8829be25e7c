"""Errors of the dashboard package.

DashboardError
├── ExportError   the export cannot be written
└── LaunchError   the dashboard cannot be started; the message says why and what to do
"""


class DashboardError(Exception):
    """Base of every error that the dashboard package raises."""


class LaunchError(DashboardError):
    """The dashboard cannot be started."""


class ExportError(DashboardError):
    """The export cannot be written; the message says why and what to do."""
