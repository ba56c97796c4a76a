"""The administration's lists: searched while one types, ticked, and accessible."""

LISTS = ("accounts/member", "accounts/team", "accounts/accesstoken", "accounts/auditrow")
LISTS += ("chat/visitor", "chat/conversation", "chat/cannedreply", "chat/quickquestion")
LISTS += ("chat/webhook", "chat/webhookdelivery", "chat/legalhold")
