"""The schema that a first look at the files suggests: a row for every related item of every file."""

from django.db import models


class Provider(models.Model):
    domain = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255)

    def __str__(self):
        return self.name


class Topic(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self):
        return self.name


class Article(models.Model):
    slug = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=500)
    excerpt = models.TextField()
    published_at = models.DateTimeField()
    web_url = models.CharField(max_length=2048)
    type = models.CharField(max_length=20)
    quality = models.IntegerField()
    heat = models.IntegerField()
    published = models.BooleanField()
    provider = models.ForeignKey(Provider, models.CASCADE)
    topics = models.ManyToManyField(Topic)

    def __str__(self):
        return self.title


class Image(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, related_name="images")
    url = models.CharField(max_length=2048)
    width = models.IntegerField()
    height = models.IntegerField()

    def __str__(self):
        return self.url


class RelatedLink(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, related_name="related")
    title = models.CharField(max_length=500)
    excerpt = models.TextField()
    published_at = models.DateTimeField()
    web_url = models.CharField(max_length=2048)
    quality = models.IntegerField()
    provider = models.ForeignKey(Provider, models.CASCADE)

    def __str__(self):
        return self.title
