/** The API's counts, as the parts of the page want them. Pure. */

/** Return counts as a map, whichever way the API writes them. */
export function asMap(counted) {
  if (!counted) return null;
  if (!Array.isArray(counted)) return new Map(Object.entries(counted));
  return new Map(counted.map((one) => [one.value ?? one.name ?? one.code, one.count]));
}

/** Return what the filter box can suggest. */
export function suggestions(found, keys, paths) {
  const lists = found?.lists ?? {};
  const findings = [...(asMap(lists.findings) ?? [])];
  const counted = {
    event: lists.event_names,
    site: lists.site_ids,
    source: lists.source_keys,
    test: lists.test_codes,
    finding: findings.map(([value, count]) => ({ value, count })),
  };
  const named = Object.entries(counted).map(([key, values]) => [
    key,
    (values ?? []).filter((one) => one.value != null),
  ]);
  return { keys, seen: Object.fromEntries(named), paths };
}

/** Return what the overview shows; what the API does not tell is left out. */
export function figures(found, seenPeak) {
  const { summary, counts } = found ?? {};
  const told = summary?.peak_rate ?? summary?.peak ?? 0;
  return {
    counts,
    coverage: summary?.coverage,
    findings: summary?.findings,
    quality: summary?.quality,
    names: asMap(summary?.event_names),
    peak: Math.max(seenPeak, Number(told?.requests ?? told?.events ?? told) || 0),
  };
}
