// What a page saw of its visitor: clicks on UTM links, and arrivals without one. They wait in the
// browser until the page has a token, which names the person; each then goes out by itself.
function touchpoints(url, token) {
  var link = new URLSearchParams(location.search);
  var kept = JSON.parse(localStorage.touchpoints || "[]");
  var utm = link.get("utm_source");
  var entry = utm ? location.search : sessionStorage.entry || "visit";
  if (sessionStorage.entry !== entry) {
    var click = link.get("utm_medium") === "email" ? "email_click" : "click";
    var seen = {kind: utm ? click : "visit", seen_at: new Date().toISOString()};
    ["utm_source", "utm_medium", "utm_campaign", "code"].forEach(function (name) {
      if (link.get(name)) seen[name] = link.get(name);
    });
    kept.push(seen);
    sessionStorage.entry = entry;
  }
  if (token) kept = kept.filter(function (seen) {
    return !navigator.sendBeacon(url, JSON.stringify(Object.assign({token: token}, seen)));
  });
  localStorage.touchpoints = JSON.stringify(kept.slice(-20));
}
