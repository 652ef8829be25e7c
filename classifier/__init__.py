"""Says what stance a post takes, and keeps the daily counts."""
