"""Shows the conversation: trend, posts and export."""
