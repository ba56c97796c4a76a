"""Changes of tables, where MySQL refuses what Django writes."""

from django.db.backends.mysql import schema


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def _alter_column_database_default_sql(self, model, old_field, new_field, drop=False):
        """MySQL gives a JSON or long text column a literal as default where it is made or modified,
        but answers ALTER COLUMN … SET DEFAULT by error 1101."""
        known = super()._alter_column_database_default_sql(model, old_field, new_field, drop)
        mariadb = self.connection.mysql_is_mariadb
        if drop or mariadb or not self._is_limited_data_type(new_field):
            return known
        default, params = self.db_default_sql(new_field)
        column = self.quote_name(new_field.column)
        kind = new_field.db_parameters(connection=self.connection)["type"]
        null = "NULL" if old_field.null else "NOT NULL"
        comment = self._comment_sql(new_field.db_comment) if new_field.db_comment else ""
        return f"MODIFY {column} {kind} DEFAULT {default} {null}{comment}", params
