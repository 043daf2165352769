-- One row per provider, the largest first: the domains of each, added up.
SELECT provider,
  CAST(SUM(attempts) AS BIGINT) AS attempts,
  CAST(SUM(outcomes) AS BIGINT) AS outcomes,
  CAST(SUM(delivered) AS BIGINT) AS delivered,
  CAST(SUM(bounced_later) AS BIGINT) AS bounced_later,
  CAST(SUM(bounced) AS BIGINT) AS bounced,
  CAST(SUM(blocked) AS BIGINT) AS blocked,
  CAST(SUM(expired) AS BIGINT) AS expired,
  CAST(SUM(deferred) AS BIGINT) AS deferred,
  CAST(SUM(queued) AS BIGINT) AS queued,
  CAST(SUM(cancelled) AS BIGINT) AS cancelled,
  CAST(SUM(unknown) AS BIGINT) AS unknown,
  CAST(SUM(deferred_once) AS BIGINT) AS deferred_once,
  CAST(SUM(lost_to_blocks) AS BIGINT) AS lost_to_blocks,
  CAST(SUM(attempted) AS BIGINT) AS attempted,
  CAST(SUM(hard) AS BIGINT) AS hard,
  CAST(SUM(soft) AS BIGINT) AS soft,
  CAST(SUM(first_try) AS BIGINT) AS first_try,
  CAST(SUM(recovered) AS BIGINT) AS recovered,
  CAST(SUM(touched_by_block) AS BIGINT) AS touched_by_block,
  CAST(SUM(waited_ms) AS BIGINT) AS waited_ms,
  CAST(COUNT(domain) AS BIGINT) AS domains
FROM domains
GROUP BY provider
ORDER BY outcomes DESC, provider
