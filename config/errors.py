"""Errors of the config package.

ConfigError
└── SettingsError   a setting is unknown, of the wrong type, or out of range
"""


class ConfigError(Exception):
    """Base of every error that the config package raises."""


class SettingsError(ConfigError):
    """A setting cannot be used; the message names the key and what it means."""
