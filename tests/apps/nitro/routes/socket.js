import { defineWebSocketHandler } from "nitro";

export default defineWebSocketHandler({
  open(peer) {
    peer.send("welcome");
  },
  message(peer, message) {
    const text = message.text();
    if (text === "bye") peer.close(4001, "as you wish");
    else peer.send(`you said ${text}`);
  },
});
