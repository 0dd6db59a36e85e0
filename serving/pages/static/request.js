// One request to the service, and why it failed, in words that a page can act on.

const PATIENCE = 20000;

// `reason`: "offline", "slow", "busy", "unavailable", "key" or "refused".
export class RequestFailure extends Error {
  constructor(reason, { detail = "", wait = 0 } = {}) {
    super(detail || reason);
    this.reason = reason;
    this.detail = detail;
    this.wait = wait;
  }
}

// 128 random bits; `crypto.randomUUID` exists on secure origins only.
export function randomIdentifier() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function request(address, { method = "GET", body, key = "", repeat = "" } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers.Authorization = `Bearer ${key}`;
  if (repeat) headers["Idempotency-Key"] = repeat;
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const response = await fetch(address, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: stop.signal,
    });
    if (!response.ok) throw await failureOf(response);
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error instanceof RequestFailure) throw error;
    throw new RequestFailure(error.name === "AbortError" ? "slow" : "offline");
  } finally {
    clearTimeout(clock);
  }
}

const REASONS = { 401: "key", 403: "key", 429: "busy" };

async function failureOf(response) {
  const problem = await response.json().catch(() => ({}));
  const reason = REASONS[response.status] ?? (response.status >= 500 ? "unavailable" : "refused");
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new RequestFailure(reason, {
    detail: typeof problem.detail === "string" ? problem.detail : "",
    wait: Number.isFinite(wait) ? wait : 0,
  });
}
