import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_articles'),
        ('chat', '0010_visitor_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]{0,79}\\Z', 'Small letters, digits, - and _, at most 80, not - or _ first.')], verbose_name='address')),
                ('lang', models.CharField(max_length=10, verbose_name='language')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('category', models.CharField(blank=True, max_length=60, verbose_name='category')),
                ('audience', models.CharField(choices=[('public', 'everybody'), ('internal', 'colleagues only')], default='public', max_length=8, verbose_name='who may read it')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], default='draft', max_length=9, verbose_name='state')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='revision')),
                ('version', models.PositiveIntegerField(default=1)),
                ('draft', models.JSONField(blank=True, null=True)),
                ('publish_at', models.DateTimeField(blank=True, null=True, verbose_name='publish at')),
                ('saved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='saved')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='updated')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise', verbose_name='enterprise')),
                ('saved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'db_table': 'article',
                'ordering': ['slug', 'lang'],
            },
        ),
        migrations.AddField(
            model_name='quickquestion',
            name='article',
            field=models.CharField(blank=True, db_default='', default='', help_text='The address of an article that is shown under the answer.', max_length=80, verbose_name='article'),
        ),
        migrations.CreateModel(
            name='ArticleIndex',
            fields=[
                ('article', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.article')),
                ('scope', models.CharField(max_length=200)),
                ('title', models.TextField()),
                ('body', models.TextField()),
            ],
            options={
                'db_table': 'article_index',
            },
        ),
        migrations.CreateModel(
            name='ArticlePicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=32, unique=True)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('stored_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise')),
            ],
            options={
                'db_table': 'article_picture',
            },
        ),
        migrations.CreateModel(
            name='ArticleRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('category', models.CharField(blank=True, max_length=60)),
                ('audience', models.CharField(max_length=8)),
                ('member_name', models.CharField(blank=True, max_length=125)),
                ('published_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='chat.article')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'article_revision',
                'ordering': ['article', '-number'],
            },
        ),
        migrations.CreateModel(
            name='ArticleUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('searched', 'searched'), ('opened', 'opened'), ('helpful', 'helpful'), ('unhelpful', 'not helpful'), ('solved', 'solved without a conversation')], max_length=9)),
                ('slug', models.CharField(blank=True, max_length=80)),
                ('lang', models.CharField(blank=True, max_length=10)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('reader', models.CharField(blank=True, max_length=36)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='chat.article')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise')),
            ],
            options={
                'db_table': 'article_use',
            },
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['enterprise', 'state', 'category'], name='article_category'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['publish_at'], name='article_publish_at'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('enterprise', 'slug', 'lang'), name='article_once'),
        ),
        migrations.AddConstraint(
            model_name='articlepicture',
            constraint=models.UniqueConstraint(fields=('enterprise', 'name'), name='article_picture_once'),
        ),
        migrations.AddConstraint(
            model_name='articlerevision',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='article_revision_once'),
        ),
        migrations.AddIndex(
            model_name='articleuse',
            index=models.Index(fields=['enterprise', 'kind', 'at'], name='article_use_kind'),
        ),
        migrations.AddIndex(
            model_name='articleuse',
            index=models.Index(fields=['reader', 'article', 'kind'], name='article_use_reader'),
        ),
    ]
