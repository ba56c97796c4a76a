"""Robots: the incoming webhooks of group chats at Feishu, DingTalk, WeCom, Slack and Teams.

`setup.py` adds and tests one, `texts.py` words a notification for it, `platforms.py` has what each
platform takes and answers, and `sending.py` sends.
"""
