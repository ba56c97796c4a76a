"""The API for programs under /api/v1/, by access tokens: the same functions, refusals and objects
as frames and forms, as JSON over HTTP.

`urls.py` is its only door to the site. A further resource is a module with a Ninja `Router`, which
`urls.py` mounts; its operations name their scope by `**reads(Answer, Scope.…)` (`door.py`) and read
`request.token`. Errors are raised as `Refused`. docs/api.md is for those who use it.
"""
