"""Uploaded files.

What a file is by its content, pictures drawn again, rows and disk. Everything above `models` may
import this package.
"""
