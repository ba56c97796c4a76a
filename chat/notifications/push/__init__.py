"""Web Push without anybody between: RFC 8291 encrypts, RFC 8292 signs, the browser's own push
service delivers."""
