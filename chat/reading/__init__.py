"""Reading back: inbox, history, search, profiles, one conversation's page. Writes nothing but
what a member chose for alerts; views and sockets import it."""
