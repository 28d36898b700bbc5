from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0005_submissions_owe_a_look'),
    ]

    operations = [
        # What was read is read again, with the finer hash, when its visit is next compared.
        migrations.RunSQL('DELETE FROM submissions_photofacts', migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='photofacts',
            name='dhash',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
