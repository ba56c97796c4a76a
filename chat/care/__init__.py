"""What protects visitors and agents: quarantine, blocks, erasure, retention, and what joins or
merges conversations. Posting and background tasks import it."""
