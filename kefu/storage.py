"""Stores static files under names with a hash of their content, so that browsers may cache them
for ever."""

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Minified:
    """The files of another storage, ours without comments and indentation."""

    def __init__(self, storage):
        self.storage = storage

    def open(self, path: str):
        minify = {"js": jsmin, "css": cssmin}.get(path.partition("/")[0])
        file = self.storage.open(path)
        if minify is None:
            return file
        with file:
            return ContentFile(minify(file.read().decode()).encode())


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports in ES modules, which Django does not by default, and removes
    comments and indentation from our scripts and style sheets, a quarter of their compressed
    size."""

    # Only our scripts are modules. Searching those of Django's admin for imports takes a second.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
    # A script's hash is known once all that it imports has its own, one level in each pass.
    max_post_process_passes = 10

    def post_process(self, paths, *args, **options):
        """Before the imports are looked for: comments name types of other files, in circles."""
        sources = {name: (Minified(storage), path) for name, (storage, path) in paths.items()}
        return super().post_process(sources, *args, **options)

    def compress_files(self, paths):
        """Compresses the files with a hash in their name. Pages ask for no others, and Brotli at
        its best takes 2 s of a processor for each megabyte."""
        return super().compress_files(paths & set(self.hashed_files.values()))
