"""What both channels of WeChat share: signatures, encryption, XML, access tokens, error codes."""
