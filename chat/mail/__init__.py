"""Mail that is due: reminders to teams, answers to visitors, and the jobs that send each of them at
least once. Background tasks and conversations import it."""
