-- One row per provider, category and class. What has no reply in the log (given up with its head lost) is unclassified.
WITH failed AS (
  SELECT domain, state, COALESCE(category, 'unclassified') AS category, COALESCE(class, 'unknown') AS class, outcomes
  FROM outcome_domains
  WHERE state IN ('bounced_later', 'bounced', 'blocked', 'expired', 'deferred')
)
SELECT domain_providers.provider AS provider, failed.category AS category, failed.class AS class,
  CAST(SUM(failed.outcomes) AS BIGINT) AS outcomes,
  CAST(SUM(CASE WHEN failed.state = 'bounced_later' THEN failed.outcomes ELSE 0 END) AS BIGINT) AS bounced_later,
  CAST(SUM(CASE WHEN failed.state = 'bounced' THEN failed.outcomes ELSE 0 END) AS BIGINT) AS bounced,
  CAST(SUM(CASE WHEN failed.state = 'blocked' THEN failed.outcomes ELSE 0 END) AS BIGINT) AS blocked,
  CAST(SUM(CASE WHEN failed.state = 'expired' THEN failed.outcomes ELSE 0 END) AS BIGINT) AS expired,
  CAST(SUM(CASE WHEN failed.state = 'deferred' THEN failed.outcomes ELSE 0 END) AS BIGINT) AS deferred
FROM failed JOIN domain_providers ON failed.domain = domain_providers.domain
GROUP BY domain_providers.provider, failed.category, failed.class
ORDER BY outcomes DESC, provider, category, class
