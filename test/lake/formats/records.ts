/** One whole record of each format whose fields stand at positions, as its fields. */
import type { FormatName } from "../../../lake/formats/format.ts";

const tokens = (record: string) => record.match(/"[^"]*"(?:,"[^"]*")*|\[[^\]]*\]|\S+/g)!;

export const records = {
  alb: tokens(
    'https 2026-01-17T10:00:00.123456Z app/my/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "Mozilla/5.0 (X11)" ECDHE TLSv1.2 arn:tg "Root=1-5833" "www.example.com" "arn:cert" 1 2026-01-17T10:00:00.123456Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1 "-" "-" "-" 10.0.0.2',
  ),
  nlb: tokens(
    'tls 2.0 2026-01-17T10:00:00 net/my/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19 - ECDHE-RSA-AES128-SHA tlsv12 - my-network-loadbalancer h2 h2 "h2","http/1.1" 2026-01-17T09:59:59',
  ),
  "elb-classic": tokens(
    '2026-01-17T10:00:00.123456Z my-elb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0 (x)" - -',
  ),
  "s3-access": tokens(
    'owner bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 requester 3E57427F3EXAMPLE REST.GET.VERSIONING key "GET /b?versioning HTTP/1.1" 200 - 113 300 7 6 "http://ref/" "S3Console/0.4 (x)" - hostid SigV4 ECDHE AuthHeader b.s3.amazonaws.com TLSV1.2 arn:x -',
  ),
  "alb-connection": tokens(
    '2026-01-17T10:00:00.123456Z 192.0.2.1 36280 443 TLSv1.2 ECDHE 4.036 "CN=a, O=b" NotBefore=2023;NotAfter=2024 FEF257372D5C14D4 Success TID_1',
  ),
  "alb-health-check": tokens(
    "http 2026-01-17T10:00:00.123456Z 0.015 10.0.0.1:80 targetgroup/t/4adf8897d8a3b7af PASS 200 - app/my/50dc6c495c0c9188 10.0.0.2",
  ),
} satisfies Partial<Record<FormatName, string[]>>;

export const cloudFrontRecord = [
  ...["2026-01-17", "10:00:00", "FRA2-C1", "1045", "192.0.2.1", "GET", "d111.cloudfront.net", "/index.html", "200"],
  ...[
    "-",
    "Mozilla/5.0%20(X11)",
    "-",
    "-",
    "Hit",
    "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==",
    "h.example",
  ],
  ...["https", "23", "0.001", "-", "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "Hit", "HTTP/2.0", "-", "-", "11040"],
  ...["0.001", "Hit", "text/html", "78", "-", "-"],
];
