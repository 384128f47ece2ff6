-- The action latchkey_verify: asks Latchkey whether the caller's token opens the scope in txn.scope.
-- Allowed: sets txn.allowed and the headers X-Client-Id, X-Scope and X-Session-Id of the request.
-- Refused: hands Latchkey's 401 or 403 on, challenge and all. Anything else is 503: without an answer nobody gets in.

-- The "listen latchkey" of haproxy.cfg.
local VERIFY = 'http://127.0.0.1:8079/auth/verify?scope='
local MAX_WAIT_MS = 6000

local IDENTITY = { 'x-client-id', 'x-scope', 'x-scope-omitted', 'x-session-id' }
local HANDED_ON = { 'www-authenticate', 'content-type', 'cache-control' }

local function percent_encoded(text)
  return (text:gsub('[^A-Za-z0-9._~-]', function(byte)
    return string.format('%%%02X', byte:byte())
  end))
end

-- HAProxy counts the values of a header from 0.
local function first(headers, name)
  local values = headers and headers[name]
  return values and values[0]
end

local function question(txn)
  local token = txn.f:req_fhdr('authorization')
  return {
    url = VERIFY .. percent_encoded(txn:get_var('txn.scope') or ''),
    headers = token and { authorization = { token } } or {},
    timeout = MAX_WAIT_MS,
  }
end

local function refuse(txn, status, answer)
  local reply = txn:reply({ status = status })
  for _, name in ipairs(answer and HANDED_ON or {}) do
    local value = first(answer.headers, name)
    if value then
      reply:add_header(name, value)
    end
  end
  if answer then
    reply:set_body(answer.body or '')
  else
    reply:add_header('retry-after', '5')
  end
  txn:done(reply)
end

local function verify(txn)
  local answer = core.httpclient():get(question(txn))
  local status = answer and answer.status
  if status == 401 or status == 403 then
    return refuse(txn, status, answer)
  elseif status ~= 200 then
    return refuse(txn, 503)
  end
  for _, name in ipairs(IDENTITY) do
    local value = first(answer.headers, name)
    if value then
      txn.http:req_set_header(name, value)
    end
  end
  txn:set_var('txn.allowed', true)
end

core.register_action('latchkey_verify', { 'http-req' }, verify, 0)
