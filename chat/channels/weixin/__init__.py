"""公众号: messages of a WeChat official account."""
