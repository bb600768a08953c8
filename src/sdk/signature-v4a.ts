import "@aws-sdk/signature-v4a";
