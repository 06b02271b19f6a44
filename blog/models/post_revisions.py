from django.utils import timezone


class PostRevisions:
    """Restores and publishes the revisions of a post. Goes before `Page` among the bases."""

    def publish(self, revision, *args, **kwargs):
        # A scheduled post is dated at the moment it was planned for, even if it goes live late.
        planned = revision.approved_go_live_at
        dated = self.published_at or revision.content.get("published_at")
        if planned and planned <= timezone.now() and not dated:
            revision.content = {**revision.content, "published_at": planned.isoformat()}
        return super().publish(revision, *args, **kwargs)

    def with_content_json(self, content):
        """Return the post of a revision, with the page's own values where the draft has no say."""
        if "bylines" in content:
            # A draft that names an author twice could not be published.
            named = {byline["author"]: byline for byline in reversed(content["bylines"])}
            content = {**content, "bylines": list(reversed(named.values()))}
        post = super().with_content_json(content)
        # The draft may have been started before the post went live and was dated.
        if post.published_at is None:
            post.published_at = self.published_at
        post.source_id = self.source_id
        return post
