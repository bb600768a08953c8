import { type Fillings, from, retries, text } from "./entries.ts";

/** The entries of the Pexels nodes. */
export const PEXELS: Fillings = {
  "lightly-pexels-download": {
    typed: [
      ["name", { text: "fetch" }],
      ["account", { choose: "pexels" }],
      ["pick", { choose: "id" }],
      ["videoId", from("num", "856065")],
      ["pick", { choose: "search" }],
      ["query", text("street at night")],
      ["count", from("num", "12")],
      ["folder", text("/tmp/videos")],
      ["maxSizeMib", { text: "512" }],
      ["timeoutMinutes", { text: "45" }],
      ["output", { choose: "url" }],
      ["maxWidth", { text: "1280" }],
      ["orientation", { choose: "portrait" }],
      ["size", { choose: "medium" }],
      ["minDurationSeconds", { text: "5" }],
      ["maxDurationSeconds", { text: "60" }],
      ["page", from("num", "3")],
      ["seed", text("monday")],
      ...retries,
    ],
    elsewhere: [
      ["query", from("msg", "topic")],
      ["page", from("flow", "page")],
      ["count", from("msg", "wanted")],
      ["seed", from("global", "seed")],
      ["output", { choose: "file" }],
      ["folder", from("env", "FOLDER")],
      ["pick", { choose: "id" }],
      ["videoId", from("jsonata", "payload.videos[0].id")],
    ],
  },
  "lightly-pexels-account": {
    typed: [
      ["name", { text: "mine" }],
      ["apiKey", { text: "secret-of-pexels" }],
      ["apiUrl", { text: "http://127.0.0.1:9002" }],
      ["proxy", { text: "http://127.0.0.1:3128" }],
      ["caFile", { text: "/etc/ssl/certs/company.pem" }],
    ],
    elsewhere: [],
  },
};
