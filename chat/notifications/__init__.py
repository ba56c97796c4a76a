"""Notifications: pushes to members' devices and messages to robots of group chats, about what is
noted in conversations (conversations/causes.py).

`deliveries.look` is the door: it spreads what is due to whom it concerns (recipients.py), and sends
it by push/ and robots/. A row is the truth: what a process leaves undone, another one does.
"""
