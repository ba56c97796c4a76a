"""Static files under names that carry their content's hash, so browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports inside ES modules, which Django leaves alone unless told."""

    support_js_module_import_aggregation = True
