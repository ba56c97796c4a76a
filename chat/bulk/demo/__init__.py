"""Invented conversations of a shop, to look around in.

What a first start shows, and its removal. The administration and `manage.py demo` import this
package.
"""
