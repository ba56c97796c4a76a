"""Robots: the incoming webhooks of group chats at Feishu, DingTalk, WeCom, Slack and Teams."""
