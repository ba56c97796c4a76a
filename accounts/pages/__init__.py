"""Pages on which members sign in, prove who they are, and look after their own sign-ins."""
