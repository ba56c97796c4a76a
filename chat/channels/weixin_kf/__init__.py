"""微信客服: messages of WeChat customer service."""
