-- One row per route, source and masked reply. An example may be missing: only so many are kept.
WITH counts AS (
  SELECT route, source, signature,
    CAST(SUM(attempts) AS BIGINT) AS attempts, MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
  FROM attempt_replies
  GROUP BY route, source, signature
)
SELECT counts.route AS provider, counts.source AS source, counts.signature AS signature,
  replies.category AS category, replies.class AS class, replies.action AS action, replies.rule AS rule,
  replies.evidence AS evidence, replies.help AS help,
  counts.attempts AS attempts, counts.first_seen AS first_seen, counts.last_seen AS last_seen,
  COALESCE(examples.example, '') AS example, COALESCE(examples.path, '') AS path,
  COALESCE(examples.place, CAST(0 AS BIGINT)) AS offset
FROM counts
JOIN replies ON counts.route = replies.route AND counts.signature = replies.signature
LEFT JOIN examples
  ON counts.route = examples.route AND counts.source = examples.source AND counts.signature = examples.signature
ORDER BY attempts DESC, provider, source, signature
